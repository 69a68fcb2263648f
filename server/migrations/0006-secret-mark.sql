-- Which secrets this database was written under. A lost dedupe key would make every order new again, so a start with another one is refused.
create table giving.secret_mark (
  name text  primary key,
  mark bytea not null check (length(mark) = 32)
);
comment on column giving.secret_mark.mark is 'HMAC-SHA256 under the secret of a fixed text; says nothing of the secret.';
create trigger append_only before update or delete or truncate on giving.secret_mark for each statement execute function ledger.refuse_change();
