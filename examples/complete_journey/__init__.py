"""The Complete Journey: a year of 2,469 households at a grocer, from data to decisions."""
