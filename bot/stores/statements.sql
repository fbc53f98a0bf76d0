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
-- Arrays are sent as texts, since asyncpg would first ask for their types, and change a setting meanwhile.
select smpolicy.save(
    $1, $2, $3, $4, $5::text[]::bigint[], $6::text[]::timestamptz[], $7::text[]::boolean[], $8, $9,
    $10, $11, $12::text[]::bigint[]
)

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

-- name: is_due
select exists (select from smpolicy.record where school = $1 and kind = any($2::text[]) and due_at <= $3)

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
select number, checksum from smpolicy.migration

-- name: migrate_alone
select pg_advisory_xact_lock(hashtextextended('migrate smpolicy', 0))

-- name: make_migrations
create schema if not exists smpolicy;
create table if not exists smpolicy.migration (
    number int primary key,
    name text not null,
    checksum text not null,
    applied_at timestamptz not null default now()
)

-- name: note_migration
insert into smpolicy.migration (number, name, checksum) values ($1, $2, $3)

-- name: process
select pg_backend_pid()

-- name: is_prepared
select exists (select from pg_prepared_statements where name = $1)

-- name: copying
select source, copied from smpolicy.copying

-- name: begin_copying
insert into smpolicy.copying (source) values ($1)

-- name: go_on_copying
update smpolicy.copying set copied = copied + $2 where copied = $1 returning copied

-- name: end_copying
delete from smpolicy.copying

-- name: all_there_is
select school, kind, id, version, due_at, leased, words, document from smpolicy.record order by place

-- name: has_tables
select to_regclass('smpolicy.record') is not null

-- name: is_empty
select not exists (select from smpolicy.record)

-- name: forget_all
delete from smpolicy.record

-- name: put
insert into smpolicy.record (school, kind, id, version, due_at, leased, words, stroke, document)
select n.school, n.kind, n.id, n.version, n.due_at, n.leased, string_to_array(n.words, ' '), 'copied', n.document::json
from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::timestamptz[], $6::boolean[], $7::text[], $8::text[])
    with ordinality as n(school, kind, id, version, due_at, leased, words, document, turn)
order by n.turn

-- name: trace
select count(*) || ' ' || coalesce(sum(hashtextextended(concat_ws(' ', place, version, stroke), 0)), 0)
from smpolicy.record

-- name: hold
select pg_advisory_xact_lock($1)

-- name: is_free
select pg_try_advisory_xact_lock($1)
