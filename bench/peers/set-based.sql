-- A ledger in sets: one call posts many transfers, each key once, and moves every balance that they touch once.

create table account (
  id int primary key,
  balance bigint not null default 0
) with (fillfactor = 50);

create table transfer (
  key uuid primary key,
  debit int not null,
  credit int not null,
  amount bigint not null check (amount > 0),
  material bigint not null,
  at timestamptz not null default now()
);

-- The rows first, while nobody waits for us; the accounts last, in one order everywhere, so that no two calls wait for each other
-- and the hot ones are locked for no longer than it takes.
create function post(keys uuid[], debits int[], credits int[], amounts bigint[]) returns int
language plpgsql as $$
declare
  made int;
  changed int[];
  changes bigint[];
begin
  with asked as (
    select * from unnest(keys, debits, credits, amounts) as one(key, debit, credit, amount)
  ), posted as (
    insert into transfer (key, debit, credit, amount, material)
    select key, debit, credit, amount, 0 from asked
    on conflict (key) do nothing
    returning debit, credit, amount
  ), sides as (
    select debit as id, -sum(amount) as change, count(*) as gifts from posted group by debit
    union all
    select credit, sum(amount), 0 from posted group by credit
  )
  select sum(gifts), array_agg(id), array_agg(change) into made, changed, changes from sides;

  perform 1 from account where id = any(changed) order by id for update;
  update account set balance = balance + change
    from unnest(changed, changes) as moved(id, change) where account.id = moved.id;
  return coalesce(made, 0);
end $$;
