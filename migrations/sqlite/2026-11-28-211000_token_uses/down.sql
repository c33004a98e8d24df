ALTER TABLE tokens DROP COLUMN last_client;
ALTER TABLE tokens DROP COLUMN last_address;
