-- The destination database: the table that the sink keeps equal to the source, and the sink's own
-- progress. Run once, in destination_db. Re-runnable.

create table if not exists debezium_table (
    id int primary key,
    current_value bigint not null
);

-- How far each sink has come. A row is written in the same transaction as the rows of the batch, and
-- only if next_offset still is what the sink started from: so the progress and the data cannot disagree,
-- and two sinks that both believe that they own a partition cannot both apply it.
create table if not exists sink_progress (
    sink text not null,
    topic text not null,
    "partition" int not null,
    next_offset bigint not null,
    events bigint not null default 0,
    last_offset bigint,
    last_timestamp bigint,
    updated_at timestamptz not null default now(),
    primary key (sink, topic, "partition")
);

-- A table of an earlier version.
alter table sink_progress add column if not exists last_offset bigint,
    add column if not exists last_timestamp bigint;

comment on column sink_progress.next_offset is 'the first offset that is not applied yet';
comment on column sink_progress.events is 'records applied so far, tombstones included';
comment on column sink_progress.last_offset is 'the record that was applied last';
comment on column sink_progress.last_timestamp is
    'Kafka''s time of that record in milliseconds since 1970: a topic that was made anew has another one there';

-- Records that could not be applied, on their way to the dead-letter topic (docs/errors.md). A row is written in
-- the transaction that moves the progress past its record, and deleted when the brokers have the dead letter.
-- Needed only with errors.deadletterqueue.topic.name.
create table if not exists sink_dead_letters (
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

comment on column sink_dead_letters.headers is
    'for each: length of name, name, length of value or -1, value; lengths are big-endian 32-bit integers';
comment on column sink_dead_letters.search_start is
    'an offset of the dead-letter partition before which the dead letter cannot be';
