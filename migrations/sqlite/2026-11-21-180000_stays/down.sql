DROP INDEX tokens_by_room;
-- They become guests as others are: their visit ends with their token.
UPDATE tokens SET door = 1 WHERE door = 3;
ALTER TABLE tokens DROP COLUMN room_id;
