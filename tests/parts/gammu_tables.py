"""The columns of Gammu SMSD's database that are used, of those that its manual describes."""

TABLES = """
CREATE TABLE inbox (UpdatedInDB, ReceivingDateTime, Text, SenderNumber, Coding, UDH, SMSCNumber,
  Class, TextDecoded, ID INTEGER PRIMARY KEY AUTOINCREMENT, RecipientID, Processed DEFAULT 'false');
CREATE TABLE outbox (InsertIntoDB, SendingDateTime, SendingTimeOut, Text, DestinationNumber, Coding,
  UDH, TextDecoded, ID INTEGER PRIMARY KEY AUTOINCREMENT, MultiPart, SenderID, DeliveryReport,
  CreatorID);
CREATE TABLE outbox_multipart (Text, Coding, UDH, TextDecoded, ID, SequencePosition);
CREATE TABLE sentitems (DestinationNumber, TextDecoded, ID, CreatorID);
CREATE TABLE phones (IMEI, UpdatedInDB);
"""
