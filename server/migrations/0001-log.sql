-- The verifiable log: one head per book, entries by batch, the last signed state.
create schema log;

create table log.head (
  book_id    integer primary key,
  book       text    not null unique check (book ~ '^[a-z][a-z0-9-]{0,31}$'),
  origin     text    not null unique,
  purpose    text    not null check (purpose in ('live', 'test')),
  next_index bigint  not null default 0 check (next_index >= 0),
  epoch      bigint  not null default 0,
  last_tick  timestamptz not null default 'epoch'
);
comment on table log.head is 'One row per book. The writer moves next_index and is fenced by (next_index, epoch).';

-- The fence: each batch's transaction begins with it, and with its failure ends.
create function log.move_head(of_book integer, old_index bigint, old_epoch bigint, new_index bigint, tick timestamptz)
returns void language plpgsql as $$
begin
  update log.head set next_index = new_index, last_tick = tick
  where book_id = of_book and next_index = old_index and epoch = old_epoch;
  if not found then
    raise exception 'the head of book % is not at % under epoch %', of_book, old_index, old_epoch using errcode = 'RV001';
  end if;
end $$;

-- Entries as tlog-tiles bundle framing (u16 length, bytes, repeated). Integrated batches may be pruned: the tiles hold them.
create table log.batch (
  book_id     integer     not null,
  first_index bigint      not null,
  next_index  bigint      not null,
  accepted_at timestamptz not null default now(),
  entries     bytea       not null,
  primary key (book_id, first_index),
  check (next_index > first_index)
);
alter table log.batch alter column entries set storage external;

create table log.signed (
  book_id   integer primary key,
  size      bigint  not null,
  root      bytea   not null check (length(root) = 32),
  note      text    not null,
  signed_at timestamptz not null default now()
);
comment on table log.signed is 'The last checkpoint signed, moved by compare-and-swap on size.';
