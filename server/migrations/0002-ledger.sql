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

-- (index, part) names a transfer: moves of an entry first, then its reversals. A reversal names its move and the first unit it takes back.
create table ledger.transfer (
  book_id        integer  not null,
  index          bigint   not null,
  from_pos       bigint   not null check (from_pos >= 0),
  to_pos         bigint   not null check (to_pos >= 0),
  amount         bigint   not null check (amount > 0),
  from_account   integer  not null,
  to_account     integer  not null check (to_account <> from_account),
  part           smallint not null check (part >= 0),
  reverses_part  smallint,
  reverses_index bigint,
  unit           bigint,
  primary key (book_id, index, part),
  check ((reverses_index is null) = (unit is null) and (reverses_index is null) = (reverses_part is null))
);
create index transfer_reversal on ledger.transfer (book_id, reverses_index, reverses_part) where reverses_index is not null;
create index transfer_reversal_position on ledger.transfer (book_id, from_account, from_pos) where reverses_index is not null;

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
create trigger append_only before update or delete or truncate on ledger.transfer for each statement execute function ledger.refuse_change();
create trigger append_only before update or delete or truncate on ledger.posting for each statement execute function ledger.refuse_change();
create trigger append_only before update or delete or truncate on ledger.declaration for each statement execute function ledger.refuse_change();
