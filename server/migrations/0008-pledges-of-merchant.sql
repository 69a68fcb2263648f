-- Which merchants have pledges is asked for each item that is put: without it, a marketplace of real size is set up in hours.
create index pledge_merchant on giving.pledge (source, merchant);
