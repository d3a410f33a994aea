"""Whether an operation may go on: policies, pools of credit and points, decisions, and rights that tills hold."""
