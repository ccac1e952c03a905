"""What a restaurant sells: menus, items, modifiers, taxes, availability."""
