"""Pictures of every page of the demo company, as each persona who has it: ``__main__``.

``pages`` lists what is taken and ``without`` what is not; ``demo`` prepares the companies that are
shown, with ``runs`` and ``states``; ``pictures`` takes them. A new page is an entry in one of the
two lists, and what its address needs to know is a field of ``shot.Prepared``.
"""
