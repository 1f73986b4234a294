"""Data judged by shapes and checks, where it is: files loaded here, a store on disk, a server."""
