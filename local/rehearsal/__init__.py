"""`make rehearse`: the template deployed to an emulator of AWS on this machine."""
