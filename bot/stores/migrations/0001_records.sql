-- Records, as JSON documents, and what they are found by.

create sequence smpolicy.place;

-- id is as in the document, or a hash of it where an index could not hold it. Each of words is a hash of school, kind,
-- field and value. place tells what was saved first; stroke is the same in all that one save wrote.
-- A document is JSON as text: jsonb would refuse letters that people do send, such as half an emoji.
create table smpolicy.record (
    school text not null,
    kind text not null,
    id text not null,
    version bigint not null,
    due_at timestamptz,
    leased boolean not null,
    words text[] not null,
    place bigint not null default nextval('smpolicy.place'),
    stroke text not null,
    document json not null,
    primary key (school, kind, id)
);

create index record_due on smpolicy.record (school, kind, due_at, place) where due_at is not null;
create index record_leased on smpolicy.record (school, kind) where leased;
create index record_words on smpolicy.record using gin (words) with (fastupdate = off);

-- Write all, or raise: one statement, and so one transaction and one journey.
-- Arrays of the same length describe what to save (in the order of their keys); expected 0 means that it is new.
create function smpolicy.save(
    the_school text, the_stroke text,
    kinds text[], ids text[], expected bigint[], due timestamptz[], lease boolean[], found_by text[], documents text[],
    old_kinds text[], old_ids text[], old_expected bigint[]
) returns void language plpgsql as $$
declare
    wanted bigint := (select count(*) from unnest(expected) as e where e > 0) + cardinality(old_ids);
    held bigint;
begin
    -- Whoever lost the connection asks under this lock how it ended.
    perform pg_advisory_xact_lock(hashtextextended(the_stroke, 0));
    select count(*) into held from (
        select 1 from smpolicy.record r
        join (
            select * from unnest(kinds, ids, expected) as n(kind, id, version) where version > 0
            union all select * from unnest(old_kinds, old_ids, old_expected)
        ) as n on r.kind = n.kind and r.id = n.id and r.version = n.version
        where r.school = the_school
        order by r.kind, r.id
        for update of r
    ) as locked;
    if held <> wanted then
        raise exception 'stale' using errcode = 'SM001';
    end if;
    delete from smpolicy.record r using unnest(old_kinds, old_ids) as o(kind, id)
        where r.school = the_school and r.kind = o.kind and r.id = o.id;
    update smpolicy.record r set
        version = n.version + 1, due_at = n.due_at, leased = n.leased, words = string_to_array(n.words, ' '),
        stroke = the_stroke, document = n.document::json
        from unnest(kinds, ids, expected, due, lease, found_by, documents)
            as n(kind, id, version, due_at, leased, words, document)
        where r.school = the_school and r.kind = n.kind and r.id = n.id and n.version > 0;
    insert into smpolicy.record (school, kind, id, version, due_at, leased, words, stroke, document)
        select the_school, n.kind, n.id, 1, n.due_at, n.leased, string_to_array(n.words, ' '), the_stroke,
            n.document::json
        from unnest(kinds, ids, expected, due, lease, found_by, documents)
            with ordinality as n(kind, id, version, due_at, leased, words, document, turn)
        where n.version = 0 order by n.turn;
end
$$;
