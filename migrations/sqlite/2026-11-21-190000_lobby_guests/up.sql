-- Guests of the lobby dialect's login, who like those of the room-code form end when missed for too long; and administrators,
-- whose routes are there only where one is.

-- tokens.door: 2 the lobby's login
CREATE INDEX tokens_of_stays ON tokens (door, user_id) WHERE door >= 2;
-- Strangers may make the server look whether there is anybody.
CREATE INDEX users_admins ON users (id) WHERE admin;
