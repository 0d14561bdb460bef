-- The three database roles of Elder. Safe to run again: a role that exists is left as it is.
--
-- On a server of your own, run it once as a superuser, give each role a password, make the database:
--   psql --dbname postgres --file roles.sql
--   psql --dbname postgres --command '\password elder_owner'     (likewise elder_app and elder_platform)
--   createdb --owner elder_owner --encoding UTF8 --template template0 elder
--
-- elder_owner     owns the database and every table; only `elder migrate` signs in as it.
-- elder_app       serves tenants: row-level security confines every statement to one tenant.
-- elder_platform  serves operators and background jobs, under policies of its own.
--
-- Elder refuses to start when elder_app or elder_platform could get round row-level security:
-- neither may be superuser, hold BYPASSRLS, own tables, or be a member of a role that does.
DO $roles$
DECLARE
  wanted text;
BEGIN
  FOREACH wanted IN ARRAY ARRAY['elder_owner', 'elder_app', 'elder_platform'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
      EXECUTE format(
        'CREATE ROLE %I LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION', wanted);
    END IF;
  END LOOP;
END
$roles$;


-- The owner hands functions over to the platform's role, so it is a member of it, and sees what that role sees.
-- Not the other way round: a role that serves requests and is a member of the owner could change the policies.
GRANT elder_platform TO elder_owner;
