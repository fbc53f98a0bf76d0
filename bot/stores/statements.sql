-- What the PostgreSQL store asks of its database, each under its name.

-- name: get
select document from smpolicy.record where school = $1 and kind = $2 and id = $3

-- name: find
select document from smpolicy.record
where school = $1 and kind = $2 and words @> $3::text[]
order by place

-- name: find_all
select document from smpolicy.record where school = $1 and kind = $2 order by place

-- name: due
select document from smpolicy.record
where school = $1 and kind = $2 and due_at <= $3
order by due_at, place

-- name: save
select smpolicy.save($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)

-- name: end_of_save
select pg_advisory_xact_lock(hashtextextended($1, 0))

-- name: is_saved
select
    (select count(*) from smpolicy.record where school = $1 and stroke = $2
        and (kind, id) in (select * from unnest($3::text[], $4::text[]))) as kept,
    (select count(*) from smpolicy.record where school = $1
        and (kind, id) in (select * from unnest($5::text[], $6::text[]))) as left_over

-- name: claim_alone
select pg_advisory_xact_lock(hashtextextended('claim ' || $1, 0))

-- name: due_to_claim
select kind, document from smpolicy.record
where school = $1 and kind = any($2::text[]) and due_at <= $3
order by due_at, place
limit 1000
for update skip locked

-- name: leased
select kind, document from smpolicy.record
where school = $1 and kind = any($2::text[]) and leased and due_at > $3

-- name: durability
select current_setting('synchronous_commit')

-- name: has_migrations
select to_regclass('smpolicy.migration') is not null

-- name: migrated
select max(number) from smpolicy.migration

-- name: migrate_alone
select pg_advisory_xact_lock(hashtextextended('migrate smpolicy', 0))

-- name: make_migrations
create schema if not exists smpolicy;
create table if not exists smpolicy.migration (
    number int primary key,
    name text not null,
    applied_at timestamptz not null default now()
)

-- name: note_migration
insert into smpolicy.migration (number, name) values ($1, $2)
