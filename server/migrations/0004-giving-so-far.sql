-- What was given under each version of a pledge up to a log size: derived from giving.gift, so that a start need not add up every gift ever made.
create table giving.given_so_far (
  book_id integer not null,
  terms   bigint  not null,
  given   bigint  not null,
  primary key (book_id, terms)
);
create table giving.given_mark (
  book_id integer primary key,
  size    bigint  not null
);
comment on table giving.given_mark is 'given_so_far counts the gifts below this index; moved by compare-and-swap.';

create index item_pledge on giving.item (source, pledge);
