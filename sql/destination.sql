-- The destination database: the table that the sink keeps equal to the source, and the tables of the sink itself
-- (docs/roles.md). Run once, as their owner to be or as a superuser, in destination_db. Re-runnable.
--
--   psql destination_db -f sql/destination.sql
--   psql destination_db -v schema=pipeline -f sql/destination.sql    # as control.schema says

\if :{?schema} \else \set schema handover \endif

create table if not exists public.debezium_table (
    id int primary key,
    current_value bigint not null
);

create schema if not exists :"schema";

-- How far each sink has come. A row is written in the same transaction as the rows of the batch, and
-- only if next_offset still is what the sink started from: so the progress and the data cannot disagree,
-- and two sinks that both believe that they own a partition cannot both apply it.
create table if not exists :"schema".sink_progress (
    sink text not null,
    topic text not null,
    "partition" int not null,
    next_offset bigint not null,
    events bigint not null default 0,
    last_offset bigint,
    last_timestamp bigint,
    topic_id text,
    leader_epoch int,
    current_at timestamptz,
    updated_at timestamptz not null default now(),
    primary key (sink, topic, "partition")
);

-- A table of an earlier version.
alter table :"schema".sink_progress add column if not exists last_offset bigint,
    add column if not exists last_timestamp bigint, add column if not exists topic_id text,
    add column if not exists leader_epoch int, add column if not exists current_at timestamptz;

comment on column :"schema".sink_progress.next_offset is 'the first offset that is not applied yet';
comment on column :"schema".sink_progress.events is 'records applied so far, tombstones included';
comment on column :"schema".sink_progress.last_offset is 'the record that was applied last';
comment on column :"schema".sink_progress.last_timestamp is
    'Kafka''s time of that record in milliseconds since 1970: a topic that was made anew has another one there';
comment on column :"schema".sink_progress.topic_id is 'what the brokers call the topic of these offsets, whatever its name';
comment on column :"schema".sink_progress.leader_epoch is
    'the partition''s leader epoch when the sink last took it on: in one log it never becomes less';
comment on column :"schema".sink_progress.current_at is
    'when the progress began, or everything was read: what compaction takes before is nothing that was missed';

-- Records that could not be applied, on their way to the dead-letter topic (docs/errors.md). A row is written in
-- the transaction that moves the progress past its record, and deleted when the brokers have the dead letter.
-- Needed only with errors.deadletterqueue.topic.name.
create table if not exists :"schema".sink_dead_letters (
    sink text not null,
    topic text not null,
    "partition" int not null,
    "offset" bigint not null,
    reason text not null,
    key bytea,
    value bytea,
    headers bytea not null,
    timestamp_ms bigint,
    dead_letter_topic text not null,
    dead_letter_partition int not null,
    search_start bigint not null,
    failed_at timestamptz not null default now(),
    primary key (sink, topic, "partition", "offset")
);

comment on column :"schema".sink_dead_letters.headers is
    'for each: length of name, name, length of value or -1, value; lengths are big-endian 32-bit integers';
comment on column :"schema".sink_dead_letters.search_start is
    'an offset of the dead-letter partition before which the dead letter cannot be';
