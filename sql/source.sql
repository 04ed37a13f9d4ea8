-- The source database: the table that the writer updates, beside it the companions that
-- Debezium and the outbox pattern use. Run once, as a superuser, in source_db. Re-runnable.

create table if not exists debezium_table (
    id int primary key,
    current_value bigint not null
);

-- Debezium's heartbeat action query updates this row, so that the slot moves on a quiet source too.
create table if not exists debezium_heartbeat (
    id int primary key,
    touched_at timestamptz not null default now()
);

insert into debezium_heartbeat (id) values (1) on conflict (id) do nothing;

-- Signals to Debezium (incremental snapshots); the columns are those of its documentation.
create table if not exists debezium_signal (
    id varchar(42) primary key,
    type varchar(32) not null,
    data varchar(2048)
);

create table if not exists outbox (
    id uuid primary key default gen_random_uuid(),
    aggregatetype varchar(255) not null,
    aggregateid varchar(255) not null,
    type varchar(255) not null,
    payload jsonb not null
);

do $$
begin
    if not exists (select from pg_publication where pubname = 'dbz_publication') then
        create publication dbz_publication
            for table debezium_table, debezium_heartbeat, debezium_signal, outbox;
    end if;
end
$$;
