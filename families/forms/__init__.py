"""Forms of families, split by what they are about. They clean what was typed; the rules are in the verbs."""
