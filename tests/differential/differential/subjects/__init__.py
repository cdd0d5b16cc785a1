"""What requests are about: a class for each subject, put together by the generator."""
