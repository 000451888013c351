"""What people are told: in English, with all that it takes to say it in another language."""
