-- The ledger of set-based.sql, and each transfer knows its place: the totals of both accounts before it, as ours do. Accounts only grow; the
-- balance is their difference.

create table account (
  id int primary key,
  in_total bigint not null default 0,
  out_total bigint not null default 0
) with (fillfactor = 50);

create table transfer (
  key uuid primary key,
  debit int not null,
  credit int not null,
  amount bigint not null check (amount > 0),
  from_pos bigint not null,
  to_pos bigint not null,
  material bigint not null,
  at timestamptz not null default now()
);

-- The accounts first, in one order everywhere: a place is only known to whoever holds the account. The unique key is the backstop for a key that
-- another call posts under other accounts meanwhile: that call fails as a whole.
create function post(keys uuid[], debits int[], credits int[], amounts bigint[]) returns int
language plpgsql as $$
declare
  made int;
begin
  perform 1 from account where id = any(debits || credits) order by id for update;
  with asked as (
    select * from unnest(keys, debits, credits, amounts) with ordinality as one(key, debit, credit, amount, n)
    where not exists (select from transfer where transfer.key = one.key)
  ), placed as (
    select key, debit, credit, amount,
      d.out_total + sum(amount) over (partition by debit order by n) - amount as from_pos,
      c.in_total + sum(amount) over (partition by credit order by n) - amount as to_pos
    from asked join account d on d.id = debit join account c on c.id = credit
  ), posted as (
    insert into transfer (key, debit, credit, amount, from_pos, to_pos, material)
    select key, debit, credit, amount, from_pos, to_pos, 0 from placed
    returning debit, credit, amount
  ), sides as (
    select debit as id, sum(amount) as goes, 0 as comes, count(*) as gifts from posted group by debit
    union all
    select credit, 0, sum(amount), 0 from posted group by credit
  ), moved as (
    update account set in_total = in_total + comes, out_total = out_total + goes
    from sides where sides.id = account.id returning gifts
  )
  select sum(gifts) into made from moved;
  return coalesce(made, 0);
end $$;
