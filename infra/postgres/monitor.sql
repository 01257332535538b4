-- Runs once, when the database's folder is made: the role by which the exporter looks at statistics, and at nothing else.
\set password `cat /run/secrets/monitor_password`
CREATE ROLE monitor LOGIN PASSWORD :'password';
GRANT pg_monitor TO monitor;
GRANT CONNECT ON DATABASE shop TO monitor;
