-- What a rescue brought back of gifts and returns and what is not in any log: whose they are. A row leaves when its source has sent the event
-- again and giving.gift or giving.return has it. Intake makes nothing new meanwhile.
create table giving.lost_gift (
  book_id integer not null,
  index   bigint  not null,
  terms   bigint  not null,
  asset   text    not null,
  given   bigint  not null check (given > 0),
  seal    text    not null,
  leaf    bytea   not null check (length(leaf) = 32),
  primary key (book_id, index)
);
create table giving.lost_return (
  book_id  integer not null,
  index    bigint  not null,
  gift     bigint  not null,
  asset    text    not null,
  returned bigint  not null check (returned > 0),
  seal     text    not null,
  leaf     bytea   not null check (length(leaf) = 32),
  primary key (book_id, index)
);
