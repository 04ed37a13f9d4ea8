-- The destination runs this once, after its cluster was made: destination_db with its tables and roles, from the checkout's
-- sql/. psql reads the passwords by itself: they are in no argument.
create database destination_db;
\connect destination_db
set client_min_messages = warning;
\i /sql/destination.sql
\set side destination
\set owner postgres
\i /sql/roles.sql
\set sink_password `cat /run/passwords/handover_sink/password`
alter role handover_sink password :'sink_password';
\set reader_password `cat /run/passwords/handover_reader/password`
alter role handover_reader password :'reader_password';
