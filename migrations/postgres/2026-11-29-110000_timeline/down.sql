ALTER TABLE server DROP COLUMN timeline;
