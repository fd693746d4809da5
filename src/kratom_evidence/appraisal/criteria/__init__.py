"""The criteria for serotonin toxicity as three-valued rules. The names are offered by `kratom_evidence.appraisal`."""
