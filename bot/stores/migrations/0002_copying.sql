-- While this has its row, the database holds only part of what is being copied into it.

create table smpolicy.copying (
    id int primary key default 1 check (id = 1),
    source text not null,
    copied bigint not null default 0
);

-- Whoever opens the store looks, also with a role that may do no more than the store needs.
grant select on smpolicy.copying to public;
