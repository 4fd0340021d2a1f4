{{sessions_file}}
