-- Find each record by its key, one at a time. Joined with the arrays, a table that PostgreSQL had not yet looked at was
-- read as far as it was the school's, and a save cost the more the longer a busy day went on.

create or replace function smpolicy.save(
    the_school text, the_stroke text,
    kinds text[], ids text[], expected bigint[], due timestamptz[], lease boolean[], found_by text[], documents text[],
    old_kinds text[], old_ids text[], old_expected bigint[]
) returns void language plpgsql as $$
declare
    wanted record;
begin
    -- Whoever lost the connection asks under this lock how it ended.
    perform pg_advisory_xact_lock(hashtextextended(the_stroke, 0));
    -- In the order of their keys, so that two who save the same never wait for each other.
    for wanted in
        select * from unnest(kinds, ids, expected) as n(kind, id, version) where version > 0
        union all select * from unnest(old_kinds, old_ids, old_expected)
        order by kind, id
    loop
        perform from smpolicy.record r
            where r.school = the_school and r.kind = wanted.kind and r.id = wanted.id and r.version = wanted.version
            for update;
        if not found then
            raise exception 'stale' using errcode = 'SM001';
        end if;
    end loop;
    for n in 1 .. cardinality(old_kinds) loop
        delete from smpolicy.record r
            where r.school = the_school and r.kind = old_kinds[n] and r.id = old_ids[n];
    end loop;
    for n in 1 .. cardinality(kinds) loop
        if expected[n] > 0 then
            update smpolicy.record r set
                version = expected[n] + 1, due_at = due[n], leased = lease[n],
                words = string_to_array(found_by[n], ' '), stroke = the_stroke, document = documents[n]::json
                where r.school = the_school and r.kind = kinds[n] and r.id = ids[n];
        else
            insert into smpolicy.record (school, kind, id, version, due_at, leased, words, stroke, document)
                values (
                    the_school, kinds[n], ids[n], 1, due[n], lease[n], string_to_array(found_by[n], ' '), the_stroke,
                    documents[n]::json
                );
        end if;
    end loop;
end
$$;
