-- Under which configuration a lane publishes what it derives.
-- Locks: lanes, exclusively, for a moment. Table size: one row per partition.

-- A hash; null before the first derived record. An owner with another version numbers higher than all before it.
ALTER TABLE {{schema}}.lanes ADD COLUMN configuration text;
