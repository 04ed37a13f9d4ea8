-- Moves the tables of an earlier version, which kept them in `public`, into the schema of their own (docs/roles.md).
-- Stop the sinks of that version first, and the guard; then run it once in destination_db and once in source_db, as
-- the tables' owner with the right to create schemas, or as a superuser:
--
--   psql destination_db -f sql/migrate.sql
--   psql source_db -f sql/migrate.sql
--
-- -v from=app         where the tables are (public)
-- -v schema=pipeline  where they go: control.schema, --control-schema (handover)
-- -v owner=ROLE       whose they become; without it the owner stays
--
-- All of it is one transaction, and running it again changes nothing. Where the new schema has such a table already,
-- its rows are added to it; a row that both have, with another offset or state, stops it. The former table is gone
-- afterwards, so that no program goes on with it.

\set ON_ERROR_STOP on
\if :{?from} \else \set from public \endif
\if :{?schema} \else \set schema handover \endif
\if :{?owner} \else \set owner '' \endif

begin;
set local search_path = pg_catalog, pg_temp;
set local client_min_messages = warning;
set local lock_timeout = '10s';
select set_config('handover.from', :'from', true), set_config('handover.schema', :'schema', true),
    set_config('handover.owner', :'owner', true) \g /dev/null

do $$
declare
    source text := current_setting('handover.from');
    target text := current_setting('handover.schema');
    owner text := current_setting('handover.owner');
    name text;
    busy text;
    lost bigint;
    -- What identifies a row, and what it says.
    tables constant text[] := array['sink_progress', 'sink_dead_letters', 'handover_guard'];
    keys constant text[] := array['sink, topic, "partition"', 'sink, topic, "partition", "offset"', 'connector'];
    contents constant text[] := array['next_offset', 'search_start', 'state'];
    columns text;
    holder text;
begin
    if source = target then
        raise exception 'from and schema are both %', source;
    end if;
    select string_agg(format('%s (process %s)', application_name, pid), ', ') into busy
    from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()
        and (application_name like 'handover-sink%' or application_name = 'reader guard');
    if busy is not null then
        raise exception 'stop these first: %', busy;
    end if;
    for place in 1..array_length(tables, 1) loop
        name := tables[place];
        continue when not exists (
            select from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where n.nspname = source and c.relname = name and c.relkind = 'r');
        execute format('create schema if not exists %I', target);
        execute format('lock table %I.%I in access exclusive mode', source, name);
        if not exists (
            select from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where n.nspname = target and c.relname = name)
        then
            execute format('alter table %I.%I set schema %I', source, name, target);
            if name = 'sink_progress' then
                execute format('alter table %I.%I add column if not exists last_offset bigint, '
                    'add column if not exists last_timestamp bigint, add column if not exists topic_id text, '
                    'add column if not exists leader_epoch int, add column if not exists current_at timestamptz',
                    target, name);
            end if;
        else
            execute format('lock table %I.%I in access exclusive mode', target, name);
            execute format('select count(*) from %1$I.%3$I o join %2$I.%3$I n using (%4$s) '
                'where o.%5$I is distinct from n.%5$I', source, target, name, keys[place], contents[place]) into lost;
            if lost > 0 then
                raise exception '% rows of %.% are in %.% too, with another %: delete those that are wrong',
                    lost, source, name, target, name, contents[place];
            end if;
            select string_agg(quote_ident(o.attname), ', ' order by o.attnum) into columns
            from pg_attribute o
            join pg_attribute n on n.attname = o.attname and n.attrelid = format('%I.%I', target, name)::regclass
            where o.attrelid = format('%I.%I', source, name)::regclass and o.attnum > 0 and not o.attisdropped
                and not n.attisdropped;
            execute format('insert into %2$I.%3$I (%4$s) select %4$s from %1$I.%3$I on conflict do nothing',
                source, target, name, columns);
            execute format('drop table %I.%I', source, name);
        end if;
        if owner <> '' then
            execute format('alter table %I.%I owner to %I', target, name, owner);
        end if;
        -- Who owns the table is who uses it; the schema's owner needs no grant.
        select r.rolname into holder
        from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_roles r on r.oid = c.relowner
        where n.nspname = target and c.relname = name and c.relowner <> n.nspowner;
        if found then
            execute format('grant usage on schema %I to %I', target, holder);
        end if;
        raise warning '%.% is %.% now', source, name, target, name;
    end loop;
end
$$;

commit;
