-- Guests of the room-code form, who are here for one room.

-- tokens.door: 3 the room-code form
ALTER TABLE tokens ADD COLUMN room_id BIGINT;                     -- the room for which such a guest is here
CREATE INDEX tokens_by_room ON tokens (room_id) WHERE room_id IS NOT NULL;
