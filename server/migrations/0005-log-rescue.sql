-- What happens to a book's log beside its entries: closed for good, rescued after a loss, signed by another key.
alter table log.head add column closed_at timestamptz;
comment on column log.head.closed_at is 'Set when the book ended at its published size; nothing is accepted or signed any more.';

-- A window of the log that the database had lost and the tiles gave back. Intake stays closed while any of a book is open.
create table log.rescue (
  book_id     integer     not null,
  from_index  bigint      not null,
  to_index    bigint      not null,
  rescued_at  timestamptz not null default now(),
  reopened_at timestamptz,
  primary key (book_id, from_index),
  check (to_index > from_index)
);
comment on column log.rescue.reopened_at is 'Set once the sources have sent the window again and it was matched.';

-- The log.key entries: which keys sign this log, and which no longer do.
create table log.key (
  book_id integer not null,
  index   bigint  not null,
  vkey    text    not null,
  role    text    not null check (role in ('log', 'witness')),
  state   text    not null check (state in ('active', 'retired')),
  primary key (book_id, index)
);
create trigger append_only before update or delete or truncate on log.key for each statement execute function ledger.refuse_change();
