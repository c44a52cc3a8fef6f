"""The demo region: names, texts and the plots by which `seed_demo` lives eight quarters of casework."""
