-- The roles of the programs and of Debezium's connector, with the least rights that each needs, and the tables in which
-- the programs keep their state. docs/roles.md says what each right is for. Run it as a superuser, once in each of the
-- two databases, when their tables are there (sql/source.sql, sql/destination.sql, or your own); again after changes.
--
--   psql source_db -v side=source -f sql/roles.sql
--   psql destination_db -v side=destination -f sql/roles.sql
--
-- Roles are made without a password: give them one with \password ROLE, or certificates in pg_hba.conf.
--
-- -v tables=app                   the schema of the tables (public)
-- -v publication=NAME             whose tables are captured (dbz_publication); only at the source
-- -v heartbeat=s.t -v signals=s.t Debezium's tables, where there are any (public.debezium_heartbeat, public.debezium_signal)
-- -v schema=pipeline              of the programs' own tables (handover): control.schema, --control-schema
-- -v owner=ROLE                   tables of that schema that this role makes later get the same grants
-- -v evolution=on                 the sink makes tables (schema.evolution=basic); columns it can add to its own only
-- -v truncate=on                  the sink truncates tables (truncate.enabled=true)
-- -v sink=NAME -v reader=NAME -v writer=NAME -v guard=NAME -v connector=NAME
--                                 other names (handover_sink …); empty for one that is not needed

\set ON_ERROR_STOP on
\if :{?side} \else \set side '' \endif
\if :{?tables} \else \set tables public \endif
\if :{?publication} \else \set publication dbz_publication \endif
\if :{?heartbeat} \else \set heartbeat public.debezium_heartbeat \endif
\if :{?signals} \else \set signals public.debezium_signal \endif
\if :{?schema} \else \set schema handover \endif
\if :{?owner} \else \set owner '' \endif
\if :{?evolution} \else \set evolution off \endif
\if :{?truncate} \else \set truncate off \endif
\if :{?sink} \else \set sink handover_sink \endif
\if :{?reader} \else \set reader handover_reader \endif
\if :{?writer} \else \set writer handover_writer \endif
\if :{?guard} \else \set guard handover_guard \endif
\if :{?connector} \else \set connector handover_connector \endif

begin;
set local search_path = pg_catalog, pg_temp;
set local client_min_messages = warning;
select set_config('handover.' || name, value, true) from (values
    ('side', :'side'), ('tables', :'tables'), ('publication', :'publication'), ('heartbeat', :'heartbeat'),
    ('signals', :'signals'), ('schema', :'schema'), ('owner', :'owner'), ('evolution', :'evolution'),
    ('truncate', :'truncate'), ('sink', :'sink'), ('reader', :'reader'), ('writer', :'writer'),
    ('guard', :'guard'), ('connector', :'connector')) as given(name, value) \g /dev/null

do $$
begin
    if current_setting('handover.side') not in ('source', 'destination') then
        raise exception 'give -v side=source or -v side=destination';
    end if;
end $$;

-- What the pieces below are made of; it is gone with the session.
create or replace function pg_temp.chosen(name text) returns text language sql as
    $$ select nullif(current_setting('handover.' || name), '') $$;

-- Makes a role that is not there, and gives it one more attribute where that is wanted.
create or replace function pg_temp.make_role(name text, attribute text default '') returns void language plpgsql as $$
begin
    if name is null then return; end if;
    if not exists (select from pg_roles where rolname = name) then
        execute format('create role %I login', name);
    end if;
    if attribute <> '' then execute format('alter role %I %s', name, attribute); end if;
    execute format('grant connect on database %I to %I', current_database(), name);
    execute format('grant usage on schema %I to %I', pg_temp.chosen('tables'), name);
end $$;

-- Rights on one table, where both are there.
create or replace function pg_temp.allow(name text, rights text, target regclass) returns void language plpgsql as $$
begin
    if name is null or target is null then return; end if;
    execute format('grant %s on %s to %I', rights, target, name);
end $$;

-- Rights on all tables of the schema, and on those that `owner` makes later.
create or replace function pg_temp.allow_all(name text, rights text) returns void language plpgsql as $$
begin
    if name is null then return; end if;
    execute format('grant %s on all tables in schema %I to %I', rights, pg_temp.chosen('tables'), name);
    if pg_temp.chosen('owner') is not null then
        execute format('alter default privileges for role %I in schema %I grant %s on tables to %I',
            pg_temp.chosen('owner'), pg_temp.chosen('tables'), rights, name);
    end if;
end $$;

-- Rights on the tables of the publication, and on those that `owner` makes later; on Debezium's own if that is wanted.
create or replace function pg_temp.allow_published(name text, rights text, and_own boolean) returns void
    language plpgsql as $$
declare
    target regclass;
begin
    if name is null then return; end if;
    for target in
        select format('%I.%I', schemaname, tablename)::regclass from pg_publication_tables
        where pubname = pg_temp.chosen('publication')
    loop
        continue when not and_own and target in (
            to_regclass(pg_temp.chosen('heartbeat')), to_regclass(pg_temp.chosen('signals')));
        perform pg_temp.allow(name, rights, target);
        execute format('grant usage on schema %I to %I', (
            select n.nspname from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = target), name);
    end loop;
    if pg_temp.chosen('owner') is not null then
        execute format('alter default privileges for role %I in schema %I grant %s on tables to %I',
            pg_temp.chosen('owner'), pg_temp.chosen('tables'), rights, name);
    end if;
end $$;

-- The schema of the programs' own tables: nobody but its owner makes anything in it.
create schema if not exists :"schema";

select current_setting('handover.side') = 'source' as at_source,
    current_setting('handover.side') = 'destination' as at_destination \gset
\if :at_source
    create table if not exists :"schema".handover_guard (
        connector text primary key,
        state text not null,
        changed_at timestamptz not null default now()
    );

    do $$
    declare
        connector text := pg_temp.chosen('connector');
        writer text := pg_temp.chosen('writer');
        reader text := pg_temp.chosen('reader');
        guard text := pg_temp.chosen('guard');
        schema text := pg_temp.chosen('schema');
        signals regclass := to_regclass(pg_temp.chosen('signals'));
    begin
        perform pg_temp.make_role(connector, 'replication');
        perform pg_temp.allow_published(connector, 'select', true);
        perform pg_temp.allow(connector, 'select, update', to_regclass(pg_temp.chosen('heartbeat')));
        perform pg_temp.allow(connector, 'select, insert, delete', signals);

        perform pg_temp.make_role(writer);
        perform pg_temp.allow_published(writer, 'select, insert, update, delete', false);

        perform pg_temp.make_role(reader);
        perform pg_temp.allow_all(reader, 'select');
        perform pg_temp.allow_published(reader, 'update', false);
        -- Which standby could be read from without loss: PostgreSQL 15 and later can list decoding's snapshots.
        if reader is not null and to_regprocedure('pg_catalog.pg_ls_logicalsnapdir()') is not null then
            execute format('grant execute on function pg_catalog.pg_ls_logicalsnapdir() to %I', reader);
        end if;

        perform pg_temp.make_role(guard, 'replication');
        perform pg_temp.allow_published(guard, 'select, insert, update, delete', true);
        perform pg_temp.allow(guard, 'select, insert', signals);
        if guard is not null then
            execute format('grant usage on schema %I to %I', schema, guard);
            execute format('grant select, insert, update on %I.handover_guard to %I', schema, guard);
            execute format('grant pg_monitor to %I', guard);
            -- So that a repair fires no trigger and asks no foreign key. Before 15 only a superuser may say so.
            if current_setting('server_version_num')::int >= 150000 then
                execute format('grant set on parameter session_replication_role to %I', guard);
            end if;
        end if;
    end $$;
\elif :at_destination
    create table if not exists :"schema".sink_progress (
        sink text not null, topic text not null, "partition" int not null,
        next_offset bigint not null, events bigint not null default 0,
        last_offset bigint, last_timestamp bigint, topic_id text, leader_epoch int, current_at timestamptz,
        updated_at timestamptz not null default now(), primary key (sink, topic, "partition"));

    alter table :"schema".sink_progress add column if not exists last_offset bigint,
        add column if not exists last_timestamp bigint, add column if not exists topic_id text,
        add column if not exists leader_epoch int, add column if not exists current_at timestamptz;

    create table if not exists :"schema".sink_dead_letters (
        sink text not null, topic text not null, "partition" int not null, "offset" bigint not null,
        reason text not null, key bytea, value bytea, headers bytea not null, timestamp_ms bigint,
        dead_letter_topic text not null, dead_letter_partition int not null,
        search_start bigint not null, failed_at timestamptz not null default now(),
        primary key (sink, topic, "partition", "offset"));

    do $$
    declare
        sink text := pg_temp.chosen('sink');
        reader text := pg_temp.chosen('reader');
        schema text := pg_temp.chosen('schema');
    begin
        perform pg_temp.make_role(sink);
        perform pg_temp.allow_all(sink, 'select, insert, update, delete');
        if pg_temp.chosen('truncate') = 'on' then perform pg_temp.allow_all(sink, 'truncate'); end if;
        if sink is not null then
            execute format('grant usage on schema %I to %I', schema, sink);
            execute format('grant select, insert, update on %I.sink_progress to %I', schema, sink);
            execute format('grant select, insert, delete on %I.sink_dead_letters to %I', schema, sink);
            if pg_temp.chosen('evolution') = 'on' then
                -- PostgreSQL 15 and later let nobody but the owner make tables in public.
                execute format('grant create on schema %I to %I', pg_temp.chosen('tables'), sink);
            end if;
        end if;

        perform pg_temp.make_role(reader);
        perform pg_temp.allow_all(reader, 'select');
        if reader is not null then
            execute format('grant usage on schema %I to %I', schema, reader);
            execute format('grant select on %I.sink_progress to %I', schema, reader);
            -- What a sink with schema.evolution makes itself is read, too.
            if sink is not null and pg_temp.chosen('evolution') = 'on' then
                execute format('alter default privileges for role %I in schema %I grant select on tables to %I',
                    sink, pg_temp.chosen('tables'), reader);
            end if;
        end if;
    end $$;
\endif

commit;
