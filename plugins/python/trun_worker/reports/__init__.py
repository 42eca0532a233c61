"""What pytest and its hooks have to say, as text: reports, warnings, header lines, records for the JUnit report."""
