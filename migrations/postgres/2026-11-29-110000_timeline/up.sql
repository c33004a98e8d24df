-- PostgreSQL's timeline at the last start, by which a failover is detected. Eight hexadecimal digits, as in the names of WAL files.
ALTER TABLE server ADD COLUMN timeline TEXT;
