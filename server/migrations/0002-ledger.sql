-- The positional ledger. Everything here is append-only but ledger.waiting, which is derived.
create schema ledger;

create table ledger.asset (
  book_id integer  not null,
  asset   text     not null check (asset ~ '^[A-Z0-9]{3,12}$'),
  scale   smallint not null check (scale between 0 and 9),
  index   bigint   not null,
  primary key (book_id, asset)
);

create table ledger.account (
  book_id   integer not null,
  account   integer not null check (account > 0),
  asset     text    not null,
  name      text    not null,
  is_source boolean not null,
  index     bigint  not null,
  primary key (book_id, account),
  unique (book_id, asset, name)
);

-- Moves, up to 256 in a row and in log order: number i is part[i] of entry first + at[i]. Rows cover disjoint stretches of the log.
create table ledger.move (
  book_id      integer    not null,
  first        bigint     not null,
  next         bigint     not null,
  at           smallint[] not null,
  part         smallint[] not null,
  from_account integer[]  not null,
  to_account   integer[]  not null,
  amount       bigint[]   not null check (0 < all (amount)),
  from_pos     bigint[]   not null check (0 <= all (from_pos)),
  to_pos       bigint[]   not null check (0 <= all (to_pos)),
  primary key (book_id, first),
  check (next > first and (cardinality(at), cardinality(at), cardinality(at), cardinality(at), cardinality(at), cardinality(at))
    = (cardinality(part), cardinality(from_account), cardinality(to_account), cardinality(amount), cardinality(from_pos), cardinality(to_pos)))
);
comment on column ledger.move.next is 'The index after the last move''s.';
alter table ledger.move alter at set storage external, alter part set storage external, alter from_account set storage external,
  alter to_account set storage external, alter amount set storage external, alter from_pos set storage external, alter to_pos set storage external;

-- A reversal names its move and the first unit it takes back.
create table ledger.reversal (
  book_id      integer  not null,
  index        bigint   not null,
  from_pos     bigint   not null check (from_pos >= 0),
  to_pos       bigint   not null check (to_pos >= 0),
  amount       bigint   not null check (amount > 0),
  of_index     bigint   not null,
  unit         bigint   not null,
  from_account integer  not null,
  to_account   integer  not null check (to_account <> from_account),
  part         smallint not null check (part >= 0),
  of_part      smallint not null,
  primary key (book_id, index, part)
);
create index reversal_of on ledger.reversal (book_id, of_index, of_part);
create index reversal_position on ledger.reversal (book_id, from_account, from_pos);

-- (index, part) names a transfer: moves of an entry first, then its reversals.
create view ledger.transfer as
  select m.book_id, m.first + u.at as index, u.from_pos, u.to_pos, u.amount, u.from_account, u.to_account, u.part,
    null::smallint as reverses_part, null::bigint as reverses_index, null::bigint as unit
  from ledger.move m
  cross join lateral unnest(m.at, m.part, m.from_account, m.to_account, m.amount, m.from_pos, m.to_pos)
    as u(at, part, from_account, to_account, amount, from_pos, to_pos)
  union all
  select book_id, index, from_pos, to_pos, amount, from_account, to_account, part, of_part, of_index, unit from ledger.reversal;
comment on view ledger.transfer is 'One by one, for whoever reads a whole book. By index, ask ledger.moves_of.';

-- The moves of one entry, found through the row that covers it.
create function ledger.moves_of(book integer, entry bigint)
returns table (part smallint, from_account integer, to_account integer, amount bigint, from_pos bigint, to_pos bigint)
language sql stable as $$
  select u.part, u.from_account, u.to_account, u.amount, u.from_pos, u.to_pos
  from (select * from ledger.move where book_id = book and first <= entry order by first desc limit 1) m
  cross join lateral unnest(m.at, m.part, m.from_account, m.to_account, m.amount, m.from_pos, m.to_pos)
    as u(at, part, from_account, to_account, amount, from_pos, to_pos)
  where m.next > entry and m.first + u.at = entry
$$;

-- Totals of an account after a batch: one row per (account, batch). Positions are found through these.
create table ledger.posting (
  book_id   integer not null,
  account   integer not null,
  batch     bigint  not null,
  in_total  bigint  not null,
  out_total bigint  not null,
  primary key (book_id, account, batch)
);
comment on column ledger.posting.batch is 'next_index of the batch: totals are true at this log size.';

-- Declared returns of a move; settled by reversals in log order, lowest first.
create table ledger.declaration (
  book_id  integer  not null,
  index    bigint   not null,
  part     smallint not null,
  of_index bigint   not null,
  of_part  smallint not null,
  account  integer  not null,
  amount   bigint   not null check (amount > 0),
  primary key (book_id, index, part)
);
create index declaration_of on ledger.declaration (book_id, of_index, of_part);

create table ledger.waiting (
  book_id   integer  not null,
  account   integer  not null,
  index     bigint   not null,
  part      smallint not null,
  remaining bigint   not null check (remaining > 0),
  primary key (book_id, account, index, part)
);
comment on table ledger.waiting is 'Derived from declaration and transfer: what is declared and not yet settled.';

create function ledger.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '%.% is append-only', tg_table_schema, tg_table_name using errcode = 'restrict_violation';
end $$;

create trigger append_only before update or delete or truncate on ledger.asset for each statement execute function ledger.refuse_change();
create trigger append_only before update or delete or truncate on ledger.account for each statement execute function ledger.refuse_change();
create trigger append_only before update or delete or truncate on ledger.move for each statement execute function ledger.refuse_change();
create trigger append_only before update or delete or truncate on ledger.reversal for each statement execute function ledger.refuse_change();
create trigger append_only before update or delete or truncate on ledger.posting for each statement execute function ledger.refuse_change();
create trigger append_only before update or delete or truncate on ledger.declaration for each statement execute function ledger.refuse_change();
