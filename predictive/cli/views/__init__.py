"""What people read: each view turns one report into tables, bars and a next step."""
