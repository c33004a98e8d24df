DROP TABLE occupied_rooms;
DROP TABLE attendance;
DROP TABLE outbox;
DROP FUNCTION place_commit;
DROP SEQUENCE outbox_places;
DROP TABLE nodes;
ALTER TABLE server DROP COLUMN bus_key;
