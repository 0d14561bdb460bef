<?php
// People of a test. The password is the name, and "-pw" behind it.
$person = function (string $name, array $groups): array {
    return [
        'uid' => [$name],
        'mail' => ["$name@example.com"],
        'displayName' => [ucfirst($name)],
        'groups' => $groups,
    ];
};
$config = [
    'people' => [
        'exampleauth:UserPass',
        'ada:ada-pw' => $person('ada', ['staff', 'admins']),
        'grace:grace-pw' => $person('grace', ['staff']),
    ],
];
