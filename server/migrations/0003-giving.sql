-- Sources, merchants, recipients, pledges, gifts, returns, and what a source's day came to.
create schema giving;

create table giving.source (
  source     text    primary key check (source ~ '^[A-Za-z0-9._-]{1,64}$'),
  book_id    integer not null,
  name       jsonb   not null,
  zone       text    not null,
  currencies text[]  not null,
  base       text[]  not null,
  index      bigint  not null
);
comment on column giving.source.base is 'What counts into the price: of discount, platformDiscount, shipping, tax.';

create table giving.recipient (
  recipient text   primary key,
  public_id text   not null unique,
  type      text   not null check (type in ('project', 'organisation')),
  name      jsonb  not null,
  charity   jsonb  not null,
  assets    text[] not null
);
-- A recipient is said in each book that needs it.
create table giving.recipient_entry (
  book_id   integer not null,
  recipient text    not null,
  said      jsonb   not null,
  index     bigint  not null,
  primary key (book_id, recipient)
);

create table giving.merchant (
  source    text    not null,
  merchant  text    not null,
  book_id   integer not null,
  public_id text    not null unique,
  name      jsonb,
  is_public boolean not null,
  agreement jsonb,
  index     bigint  not null,
  primary key (source, merchant)
);

create table giving.pledge (
  source    text    not null,
  pledge    text    not null,
  book_id   integer not null,
  merchant  text    not null,
  public_id text    not null unique,
  primary key (source, pledge)
);

create table giving.terms (
  book_id   integer     not null,
  index     bigint      not null,
  source    text        not null,
  pledge    text        not null,
  version   integer     not null,
  requested jsonb       not null,
  entry     jsonb       not null,
  starts_at timestamptz not null,
  ends_at   timestamptz,
  primary key (book_id, index),
  unique (source, pledge, version)
);

create table giving.item (
  seq       bigint      generated always as identity,
  source    text        not null,
  merchant  text        not null,
  item      text        not null,
  starts_at timestamptz not null,
  pledge    text,
  primary key (source, merchant, item, starts_at)
);
comment on table giving.item is 'Which pledge an item carries from when; null: none.';
create unique index item_seq on giving.item (seq);

create table giving.person (
  book_id integer not null,
  person  bytea   not null,
  secret  text    not null,
  primary key (book_id, person)
);
comment on table giving.person is 'HMAC-128 of (source, buyer) and the random key that salts this person''s gifts. Deleting the row unlinks every gift.';

-- Dedupe: which gift an order line made.
create table giving.gift_key (
  gift    bigint  not null,
  book_id integer not null,
  key     bytea   not null check (length(key) = 16),
  primary key (book_id, key)
);
comment on column giving.gift_key.key is 'HMAC-128 of (source, order, line), unique for ever.';

-- Gifts, up to 256 in a row and in log order: number i is entry first + at[i]. Rows cover disjoint stretches of the log.
create table giving.gift_run (
  book_id  integer    not null,
  first    bigint     not null,
  next     bigint     not null,
  at       smallint[] not null,
  terms    bigint[]   not null,
  given    bigint[]   not null check (0 < all (given)),
  price    bigint[]   not null,
  paid     bigint[],
  material bigint[]   not null,
  primary key (book_id, first),
  check (next > first and (cardinality(at), cardinality(at), cardinality(at), cardinality(at), cardinality(coalesce(paid, price)))
    = (cardinality(terms), cardinality(given), cardinality(price), cardinality(material), cardinality(at)))
);
comment on column giving.gift_run.paid is 'Null when each is its price.';
comment on column giving.gift_run.material is 'HMAC-64 of merchant, item, quantity, paid, shipping, currency, placedAt.';
alter table giving.gift_run alter at set storage external, alter terms set storage external, alter given set storage external,
  alter price set storage external, alter paid set storage external, alter material set storage external;

create view giving.gift as
  select r.book_id, r.first + u.at as index, u.terms, u.given, u.price, coalesce(u.paid, u.price) as paid, u.material
  from giving.gift_run r
  cross join lateral unnest(r.at, r.terms, r.given, r.price, r.paid, r.material) as u(at, terms, given, price, paid, material);
comment on view giving.gift is 'One by one, for whoever reads a whole book. By index, ask giving.gift_at.';

-- One gift, found through the row that covers it.
create function giving.gift_at(book integer, entry bigint)
returns table (terms bigint, given bigint, price bigint, paid bigint, material bigint)
language sql stable as $$
  select r.terms[r.i], r.given[r.i], r.price[r.i], coalesce(r.paid[r.i], r.price[r.i]), r.material[r.i]
  from (select *, array_position(at, (entry - first)::smallint) as i from (
    select * from giving.gift_run where book_id = book and first <= entry order by first desc limit 1) covering where next > entry) r
  where r.i is not null
$$;

-- Erasable: what the seals commit to, up to 256 in a row: text i of entry first + at[i].
create table giving.opening_run (
  book_id integer    not null,
  first   bigint     not null,
  next    bigint     not null,
  at      smallint[] not null,
  tags    bytea      not null,
  own     text[],
  texts   bytea      not null,
  primary key (book_id, first)
);
comment on column giving.opening_run.tags is 'Four bytes each: how the HMAC of the buyer begins, zero without a buyer. Says where a buyer''s openings may be.';
comment on column giving.opening_run.own is 'The secret that salts a gift without a buyer; empty for others. Null when all have buyers.';
comment on column giving.opening_run.texts is 'Zstandard of the texts, a line each.';
alter table giving.opening_run alter tags set storage external, alter texts set storage external;

create table giving.return (
  book_id  integer not null,
  key      bytea   not null check (length(key) = 16),
  gift     bigint  not null,
  index    bigint,
  paid     bigint  not null,
  returned bigint  not null,
  material bigint  not null,
  primary key (book_id, key)
);
comment on column giving.return.index is 'The giving.return entry; null when rounding left nothing to take back.';
create index return_gift on giving.return (book_id, gift);
create index return_index on giving.return (book_id, index);

create table giving.waiting_return (
  book_id    integer     not null,
  key        bytea       not null,
  line_key   bytea       not null,
  source     text        not null,
  event      jsonb       not null,
  material   bigint      not null,
  arrived_at timestamptz not null default now(),
  primary key (book_id, key)
);
create index waiting_return_line on giving.waiting_return (book_id, line_key);

-- Why a line made no gift. The last outcome holds.
create table giving.no_gift (
  book_id integer     not null,
  key     bytea       not null,
  outcome text        not null check (outcome in ('ignored', 'refused')),
  reason  text        not null,
  date    date        not null,
  seen_at timestamptz not null default now(),
  primary key (book_id, key)
);

create table giving.day (
  book_id    integer not null,
  source     text    not null,
  date       date    not null,
  outcome    text    not null,
  reason     text    not null default '',
  currency   text    not null default '',
  lines      bigint  not null,
  minor      numeric not null,
  primary key (book_id, source, date, outcome, reason, currency)
);
create table giving.day_digest (
  book_id    integer not null,
  source     text    not null,
  date       date    not null,
  digest     numeric(78) not null,
  changed_at timestamptz not null,
  tallied_at timestamptz,
  primary key (book_id, source, date)
);

-- Running public totals, true at a log size; one row per batch and asset, and per batch and recipient.
create table giving.total (
  book_id  integer not null,
  asset    text    not null,
  size     bigint  not null,
  given    bigint  not null,
  returned bigint  not null,
  gifts    bigint  not null,
  primary key (book_id, asset, size)
);
create table giving.recipient_total (
  book_id   integer not null,
  recipient text    not null,
  asset     text    not null,
  size      bigint  not null,
  given     bigint  not null,
  returned  bigint  not null,
  gifts     bigint  not null,
  primary key (book_id, recipient, asset, size)
);
comment on column giving.recipient_total.recipient is 'Public id.';

create table giving.api_key (
  key_id     text        primary key,
  hash       bytea       not null check (length(hash) = 32),
  scope      text        not null check (scope in ('operator', 'source')),
  source     text,
  label      text        not null default '',
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  revoked_at timestamptz,
  last_used  timestamptz,
  check ((scope = 'source') = (source is not null))
);

create trigger append_only before update or delete or truncate on giving.gift_key for each statement execute function ledger.refuse_change();
create trigger append_only before update or delete or truncate on giving.gift_run for each statement execute function ledger.refuse_change();
create trigger append_only before update or delete or truncate on giving.return for each statement execute function ledger.refuse_change();
create trigger append_only before update or delete or truncate on giving.terms for each statement execute function ledger.refuse_change();
