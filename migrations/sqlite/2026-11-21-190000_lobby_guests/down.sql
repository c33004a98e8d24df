DROP INDEX users_admins;
DROP INDEX tokens_of_stays;
-- They become guests as others are: their visit ends with their token.
UPDATE tokens SET door = 1 WHERE door = 2;
