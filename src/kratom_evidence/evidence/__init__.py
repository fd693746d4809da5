"""Tables, figures and statistics made from the appraised cases."""
