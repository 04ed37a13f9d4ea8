-- The PostgreSQL of the profile connect-lab runs this once, after its cluster was made: database archive with its table, from
-- lab/connect-lab. psql reads the password by itself: it is in no argument.
create database archive;
\connect archive
\i /sql/logs.sql
\set connector_password `cat /run/passwords/handover_connector/password`
alter role handover_connector password :'connector_password';
